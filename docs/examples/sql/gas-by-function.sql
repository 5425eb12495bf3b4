-- What each function of the system cost in gas, and how often it failed.
select
  contract,
  method,
  count(*) as calls,
  sum(case when succeeded then 0 else 1 end) as failed,
  sum(gas_used) as gas,
  cast(round(1.0 * sum(gas_used) / count(*)) as bigint) as gas_a_call
from transactions
where contract is not null
group by contract, method
order by gas desc, contract, method
